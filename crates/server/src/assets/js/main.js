// The only script a page names; it brings the behaviours to the elements that ask for them.
import { bind } from "./bind.js";

document.documentElement.classList.add("has-script");
bind(document);
