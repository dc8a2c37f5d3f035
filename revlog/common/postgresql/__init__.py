"""Django's PostgreSQL engine with less work a statement: building SQL, not running it, is most of what a short query costs."""
