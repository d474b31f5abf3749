"""Which activation, on the user's own table, how sure, and why: plan, shards, results, statistics, verdict."""
