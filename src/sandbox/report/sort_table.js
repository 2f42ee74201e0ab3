#!/usr/bin/env node
// Sorts a table of a report by the column whose heading is pressed, and again the other way round.

document.querySelectorAll("th button").forEach(function (button) {
  button.addEventListener("click", function () {
    var cell = button.parentNode, table = cell.closest("table"), body = table.tBodies[0];
    var down = cell.getAttribute("aria-sort") === "ascending" ? -1 : 1, at = cell.cellIndex;
    function value(row) { return row.cells[at].dataset.sort || row.cells[at].textContent; }
    var rows = Array.from(body.rows).sort(function (a, b) {
      return down * value(a).localeCompare(value(b), undefined, { numeric: true });
    });
    table.querySelectorAll("th").forEach(function (other) { other.removeAttribute("aria-sort"); });
    cell.setAttribute("aria-sort", down === 1 ? "ascending" : "descending");
    rows.forEach(function (row) { body.appendChild(row); });
  });
});
