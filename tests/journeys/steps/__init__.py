"""What people do on the pages, one module for each place where they work. Each step ends by seeing what the page says it did."""
