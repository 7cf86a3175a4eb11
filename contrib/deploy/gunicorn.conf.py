"""/etc/hgweb/gunicorn.conf.py: gunicorn -c /etc/hgweb/gunicorn.conf.py."""

wsgi_app = 'hgweb_wsgi:behindproxy'
pythonpath = '/etc/hgweb'
# with systemd, hgweb.socket's is used instead
bind = 'unix:/run/hgweb/socket'

# A thread for each request. Large files use "maxtransfers" and "maxwaiting" of them
# (hgweb.config), and other requests of slow clients a quarter of the first: together
# they have to be fewer than the threads. A transfer needs up to 4 MiB, a waiting one
# hardly any memory. More processes use more cores for hashing uploads.
worker_class = 'gthread'
workers = 1
threads = 250

# a repository is readable for its owner and group only (gunicorn's default is 0)
umask = 0o027
# seconds for running transfers when the server is stopped; interrupted ones are resumed
graceful_timeout = 60
# it is controlled by signals
control_socket_disable = True
# if the access log is enabled: without the query of a URL, which may be the token of a
# clone bundle
access_log_format = '%(h)s %(l)s %(u)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(b)s "%(a)s"'
# hg sends long arguments in many headers
limit_request_fields = 1000
