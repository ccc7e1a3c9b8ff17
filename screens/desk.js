// The desk without a mouse: j and k walk the rows, Enter opens, Ctrl+Enter previews; a draft is sent on while it is written.
const PAUSE = 400 // ms without a keystroke

const rows = () => [...document.querySelectorAll('.st-key-desk-queue [class*="st-key-desk_open_"] button')]
const typing = (place) => place?.matches?.("input, textarea, select, [contenteditable]")

function walk(by) {
  const all = rows()
  const at = all.indexOf(document.activeElement)
  const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))]
  next?.focus()
  next?.scrollIntoView({ block: "nearest" })
}

// The box itself sends its text on when it hears Ctrl+Enter; this is that key, pressed for the writer.
function keep(box) {
  box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", code: "Enter", keyCode: 13, ctrlKey: true, bubbles: true }))
}

function listen() {
  if (window.foreroomDesk) return
  window.foreroomDesk = true
  let waiting
  document.addEventListener("input", (event) => {
    if (!event.target.closest?.(".st-key-desk-writing")) return
    clearTimeout(waiting)
    waiting = setTimeout(() => keep(event.target), PAUSE)
  })
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.('a[data-does="print"]')) return
    event.preventDefault()
    print()
  })
  arrive()
  document.addEventListener("keydown", (event) => {
    if (!event.isTrusted || event.altKey) return
    const previews = event.key === "Enter" && (event.ctrlKey || event.metaKey)
    if (previews && event.target.closest?.(".st-key-desk-writing")) {
      clearTimeout(waiting)
      setTimeout(() => document.querySelector(".st-key-desk_preview button")?.click(), 150)
    } else if (!typing(event.target) && !event.ctrlKey && !event.metaKey && (event.key === "j" || event.key === "k")) {
      event.preventDefault()
      walk(event.key === "j" ? 1 : -1)
    }
  })
}

// The address may name a message or an answer; it is there only once the page is drawn.
function arrive(tries = 0) {
  const place = location.hash.length > 1 && document.getElementById(location.hash.slice(1))
  if (place) place.scrollIntoView({ block: "center" })
  else if (location.hash && tries < 40) setTimeout(() => arrive(tries + 1), 50)
}

function sameScheme() {
  const app = document.querySelector(".stApp")
  if (app) document.documentElement.style.colorScheme = getComputedStyle(app).colorScheme
}

export default function () {
  listen()
  sameScheme()
  document.documentElement.lang = "en"
}
