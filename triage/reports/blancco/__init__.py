"""Reports of Blancco's products (Mobile Diagnostics, Drive Eraser, as exported by its console) in JSON and XML: one mapping for both."""
