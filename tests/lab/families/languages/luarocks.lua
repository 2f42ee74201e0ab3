rocks_servers = { "/srv/lab/rocks" }
