"""Distribution of leads over employees: worked out as a plan, edited by a person, then applied lead by lead."""
