"""What people outside the flow are told: warnings that name no target, and what they rest on."""
