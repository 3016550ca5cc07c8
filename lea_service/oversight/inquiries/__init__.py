"""Questions across demands, which two people ask: whom they touched, and what they rested on."""
