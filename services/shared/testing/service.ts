import '../settings-first.ts'

// Stands for a service: has its settings, and lives until its test ends it.
console.log(JSON.stringify({ secret: process.env['DATABASE_URL'], pid: process.pid }))
setInterval(() => undefined, 60_000)
