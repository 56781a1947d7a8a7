"""Reports as they arrive: web, e-mail, telephone, API. Everything ends in `receive` and is read by `process`."""
