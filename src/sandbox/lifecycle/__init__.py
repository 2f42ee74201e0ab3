"""How a sandbox lives and dies: sessions, labels, owners, leases, cleanup, the journal."""
