"""Runs the SQL of the standard input in a file of SQLite, and prints the first column of its last answer."""
import sqlite3
import sys

connection = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
for row in connection.execute(sys.stdin.read()):
    print(row[0])
