#!/usr/bin/env node
// Resolves, fetches or brings the files of npm's packages, in node as npm brings it along.
//
// Arguments: a folder of ours; the task, `resolve`, `fetch` or `bring`; for `resolve` the packages, as npm takes them or
// as NAME=FILE with the path of a tarball.
// `resolve` asks npm what the packages need; the others read lines of `ROOT PLACE VERSION SHA-512` from stdin.
// Leaves the files in the folder as SHA-512.tgz, and the lines in tree.txt.

const fs = require('fs'), { execFileSync } = require('child_process')
const [folder, task, ...wanted] = process.argv.slice(1)
const npm = (words, cwd) => execFileSync('npm', [...words, '--cache', folder + '/cache'], { cwd, stdio: 'inherit' })
const fail = text => { console.error('npm ERR! ' + text); process.exit(1) }
const hex = integrity => {
  const found = /(?:^|\s)sha512-([A-Za-z0-9+/]{86}==)/.exec(integrity || '')
  return found && Buffer.from(found[1], 'base64').toString('hex')
}
const called = place => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
let lines = []
if (task === 'resolve') {
  wanted.forEach((word, number) => {
    const cut = word.indexOf('=/'), spec = cut > 0 ? word.slice(cut + 1) : word
    const root = cut > 0 ? word.slice(0, cut) : spec.replace(/(.)@[^@]*$/, '$1'), home = folder + '/tree/' + number
    fs.mkdirSync(home, { recursive: true })
    const given = cut > 0 && require('crypto').createHash('sha512').update(fs.readFileSync(spec)).digest('hex')
    if (given) fs.copyFileSync(spec, `${folder}/${given}.tgz`)
    fs.writeFileSync(home + '/package.json', '{}')
    npm(['install', '--ignore-scripts', '--no-bin-links', spec], home)
    const tree = JSON.parse(fs.readFileSync(home + '/node_modules/.package-lock.json', 'utf8')).packages
    for (const [place, entry] of Object.entries(tree)) {
      if (entry.inBundle) continue
      if (given && place === 'node_modules/' + root) {
        lines.push([root, place, entry.version, given])
        continue
      }
      const of = `${called(place)} ${entry.version}, which ${root} needs, `
      if (entry.name && entry.name !== called(place)) fail(of + 'goes by another name and can not be locked')
      if (!hex(entry.integrity)) fail(of + 'comes from no registry that knows its SHA-512 and can not be locked')
      lines.push([root, place, entry.version, hex(entry.integrity)])
    }
  })
} else {
  lines = fs.readFileSync(0, 'utf8').split('\n').filter(Boolean).map(line => line.split(' '))
  fs.mkdirSync(folder, { recursive: true })
  const specs = [...new Set(lines.map(([, place, version]) => called(place) + '@' + version))]
  while (task === 'fetch' && specs.length) npm(['cache', 'add', ...specs.splice(0, 50)], folder)
}
for (const [, , , sum] of lines) {
  const kept = `${folder}/cache/_cacache/content-v2/sha512/${sum.slice(0, 2)}/${sum.slice(2, 4)}/${sum.slice(4)}`
  if (fs.existsSync(kept)) fs.copyFileSync(kept, `${folder}/${sum}.tgz`)
}
fs.appendFileSync(folder + '/tree.txt', lines.map(line => line.join(' ') + '\n').join(''))
for (const made of ['tree', 'cache']) fs.rmSync(folder + '/' + made, { recursive: true, force: true })
