"""What carriage costs and what carriers owe: pure functions over a rate card, a carrier's bill and a claim. No database, no clock."""
