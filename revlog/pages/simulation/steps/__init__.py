"""What people do with a unit in each state. Each step is a generator: it yields the moment at which it goes on."""
