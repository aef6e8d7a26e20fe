// Entry: every behaviour is bound once to the document, so that swapped parts need nothing.
import "./toast.js";
import "./request.js";
import "./form.js";
import "./row.js";
import "./fold.js";
import "./bulk.js";
import "./dialog.js";
import "./keys.js";
