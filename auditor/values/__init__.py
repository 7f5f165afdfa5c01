"""The abstract domain: what a value of the audited program can be. Knows no syntax trees and no files."""
