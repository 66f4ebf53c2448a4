"""Lists that people work in all day: tabs, views, columns, chips of what is filtered."""
