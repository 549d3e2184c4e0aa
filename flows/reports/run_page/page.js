(function () {
  "use strict";
  var table = document.getElementById("rule-table");
  if (table) {
    var body = table.tBodies[0];
    var rows = Array.prototype.slice.call(body.rows);
    var controls = ["find", "severity", "owner"].map(function (id) { return document.getElementById(id); });
    var shown = document.getElementById("shown");

    var filter = function () {
      var words = controls[0].value.toLowerCase().split(/\s+/).filter(Boolean);
      var count = 0;
      rows.forEach(function (row) {
        var text = row.textContent.toLowerCase();
        var fits = words.every(function (word) { return text.indexOf(word) >= 0; })
          && (!controls[1].value || row.dataset.severity === controls[1].value)
          && (!controls[2].value || row.dataset.owner === controls[2].value);
        row.hidden = !fits;
        count += fits ? 1 : 0;
      });
      shown.textContent = count + " of " + rows.length + " rules";
    };

    var read = function (row, column, kind) {
      var cell = row.cells[column];
      var text = cell.dataset.value === undefined ? cell.textContent : cell.dataset.value;
      return kind === "number" ? Number(text) : text;
    };

    var sort = function (header, column) {
      var kind = header.dataset.sort;
      // A number is of interest where it is high, a text from its beginning.
      var first = kind === "number" ? "descending" : "ascending";
      var other = kind === "number" ? "ascending" : "descending";
      var order = header.getAttribute("aria-sort") === first ? other : first;
      var sign = order === "ascending" ? 1 : -1;
      Array.prototype.forEach.call(table.tHead.rows[0].cells, function (cell) { cell.removeAttribute("aria-sort"); });
      header.setAttribute("aria-sort", order);
      rows.sort(function (a, b) {
        var x = read(a, column, kind), y = read(b, column, kind);
        return sign * (kind === "number" ? x - y : x.localeCompare(y, "en"));
      });
      rows.forEach(function (row) { body.appendChild(row); });
    };

    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (header, column) {
      var button = document.createElement("button");
      button.type = "button";
      while (header.firstChild) { button.appendChild(header.firstChild); }
      button.addEventListener("click", function () { sort(header, column); });
      header.appendChild(button);
    });
    controls.forEach(function (control) { control.addEventListener("input", filter); });
    document.getElementById("tools").hidden = false;
    filter();
  }

  // A link to a rule opens the catalogue that contains it.
  var open = function () {
    var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    var around = target && target.closest("details");
    if (around && !around.open) { around.open = true; target.scrollIntoView(); }
  };
  window.addEventListener("hashchange", open);
  open();
})();
