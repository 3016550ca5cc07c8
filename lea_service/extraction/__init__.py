"""From a demand to exactly its rows: plan, preview, decision, run, proof of scope."""
