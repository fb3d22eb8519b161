/* Draws every chart of the page from the specification that lies beside it, in the reader's own mode and width. */
"use strict";
(function () {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
  const views = new Map();

  async function draw(figure) {
    const specification = JSON.parse(figure.querySelector("script").textContent);
    const mode = dark.matches ? "dark" : "light";
    const place = figure.querySelector(".drawn");
    try {
      if (views.has(figure)) views.get(figure).finalize();
      const result = await window.vegaEmbed(place, specification, {
        mode: "vega-lite",
        // Expressions are interpreted, not compiled: the page forbids eval.
        ast: true,
        renderer: "canvas",
        actions: false,
        defaultStyle: false,
        config: window.rapportThemes[language][mode],
        tooltip: { disableDefaultStyle: true, theme: "plain" },
      });
      views.set(figure, result);
    } catch (error) {
      figure.classList.add("fails");
      const table = figure.parentElement.querySelector("details");
      if (table) table.open = true;
      console.error(error);
    }
  }

  const figures = Array.from(document.querySelectorAll(".chart"));
  figures.forEach(draw);
  dark.addEventListener("change", () => figures.forEach(draw));
})();
