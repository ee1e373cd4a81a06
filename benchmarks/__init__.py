"""Speed and memory of the engine beside its peers, on seeded synthetic tapes."""
