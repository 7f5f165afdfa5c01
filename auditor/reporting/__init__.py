"""Score, grade, action plan and all output formats, from one AuditResult. Does not know how anything was found."""
