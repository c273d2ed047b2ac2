// Filters the controls. Without scripts the page shows them all, and loses nothing.
(() => {
  const form = document.getElementById("filter");
  const words = document.getElementById("words");
  const shown = document.getElementById("shown");
  const articles = [...document.querySelectorAll("article")];
  const texts = new Map(articles.map((article) => [article, article.textContent.toLowerCase()]));
  const apply = () => {
    const word = words.value.trim().toLowerCase();
    const wanted = [...form.querySelectorAll("input:checked")].map((box) => box.value);
    let count = 0;
    for (const article of articles) {
      const outcomes = article.dataset.outcomes.split(" ");
      const kept = texts.get(article).includes(word) && (!wanted.length || wanted.some((each) => outcomes.includes(each)));
      article.hidden = !kept;
      count += kept ? 1 : 0;
    }
    shown.textContent = `${count} of ${articles.length} controls shown`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  // What is printed is whole, whatever was folded or filtered away on the screen.
  addEventListener("beforeprint", () => {
    for (const each of document.querySelectorAll("details")) each.open = true;
    form.reset();
    apply();
  });
  form.hidden = false;
  apply();
})();
