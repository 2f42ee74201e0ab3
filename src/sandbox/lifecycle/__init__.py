"""How a sandbox lives and dies: sessions, owners, leases, cleanup, the journal."""
