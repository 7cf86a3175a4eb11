"""/etc/hgweb/gunicorn.conf.py: gunicorn -c /etc/hgweb/gunicorn.conf.py."""

wsgi_app = 'hgweb_wsgi:behindproxy'
pythonpath = '/etc/hgweb'
# with systemd, hgweb.socket's is used instead
bind = 'unix:/run/hgweb/socket'

# A thread for each request. Large files take "maxtransfers" and "maxwaiting" of them,
# by hgweb.config, and slow clients that send anything else a quarter of the first:
# together they have to be fewer than the threads. A transfer takes up to 4 MiB, and one
# that waits next to nothing. More processes use more cores for hashing what comes in.
worker_class = 'gthread'
workers = 1
threads = 250

# a repository is the business of its owner and group (gunicorn's default is 0)
umask = 0o027
# seconds that transfers have to end in when the server is stopped; what is broken
# off goes on where it was
graceful_timeout = 60
# it is told what to do by signals
control_socket_disable = True
# for who turns the access log on: without the query of a URL, which may be a token that
# opens a clone bundle
access_log_format = '%(h)s %(l)s %(u)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(b)s "%(a)s"'
# what hg asks for comes in as many headers as it takes
limit_request_fields = 1000
