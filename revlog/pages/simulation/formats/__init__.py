"""Reports written in the true formats of the tools, from a ``Machine``: what such a tool prints for such a machine."""
