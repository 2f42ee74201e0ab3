"""The life of a sandbox: sessions, owners, leases, cleanup, the journal."""
