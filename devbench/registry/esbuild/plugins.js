// What Frappe's sources expect of a bundler beyond plain esbuild.
const fs = require("fs");
const path = require("path");
const sass = require("sass");
const postcss = require("postcss");
const autoprefixer = require("autoprefixer");
const rtlcss = require("rtlcss");

// `import "./x.html"` makes the template known as frappe.templates["x"].
const templates = {
	name: "templates",
	setup(build) {
		build.onLoad({ filter: /\.html$/ }, (args) => {
			const name = path.basename(args.path).split(".")[0];
			const text = fs.readFileSync(args.path, "utf8").replace(/`/g, "\\`");
			return { contents: `frappe.templates["${name}"] = \`${text}\`;`, loader: "js" };
		});
	},
};

// Files under /assets/ are served as they are.
const keep_assets = {
	name: "keep_assets",
	setup(build) {
		build.onResolve({ filter: /^\/assets\// }, (args) => ({ path: args.path, external: true }));
	},
};

// A page loads only the script of a bundle, so the styles of its Vue components travel inside.
const inline_styles = {
	name: "inline_styles",
	setup(build) {
		build.onEnd((result) => {
			const outputs = result.outputFiles || [];
			for (const file of outputs) {
				if (file.path.endsWith(".css") || file.path.endsWith(".css.map")) continue;
				write(file.path, with_style(file, outputs));
			}
		});
	},
};

function with_style(file, outputs) {
	if (!file.path.endsWith(".js")) return file.contents;
	const stem = path.basename(file.path).split(".").slice(0, -2).join(".");
	const style = outputs.find(
		(other) =>
			other.path.endsWith(".css") &&
			path.basename(other.path).split(".").slice(0, -2).join(".") === stem &&
			path.dirname(other.path) === path.dirname(file.path)
	);
	if (!style) return file.contents;
	return `frappe.dom.set_style(${JSON.stringify(style.text)});\n${file.text}`;
}

function write(file, contents) {
	fs.mkdirSync(path.dirname(file), { recursive: true });
	fs.writeFileSync(file, contents);
}

// SCSS and CSS: `~package` imports, prefixes for older browsers, mirrored for right-to-left languages.
function styles(apps_path, apps, rtl) {
	const load_paths = [
		...apps.map((app) => path.join(apps_path, app, "node_modules")),
		...apps.map((app) => path.join(apps_path, app)),
	];
	const steps = rtl ? [rtlcss(), autoprefixer()] : [autoprefixer()];
	return {
		name: "styles",
		setup(build) {
			build.onLoad({ filter: /\.(css|scss|sass)$/ }, async (args) => {
				const { css, files } = compile(args.path, load_paths);
				const done = await postcss(steps).process(css, { from: args.path });
				return { contents: done.css, loader: "css", watchFiles: files };
			});
		},
	};
}

// The same sheet is wanted twice, left-to-right and mirrored; compiling is the slow part.
const compiled = new Map();

function compile(file, load_paths) {
	const known = compiled.get(file);
	if (known && newest(known.files) <= known.at) return known;
	const at = Date.now();
	const result = sass.renderSync({
		file,
		includePaths: load_paths,
		quietDeps: true,
		logger: sass.Logger.silent,
		importer: (url) => ({ file: url.replace(/^~/, "").replace(/\.css$/, "") }),
	});
	const fresh = { css: result.css.toString(), files: result.stats.includedFiles, at };
	compiled.set(file, fresh);
	return fresh;
}

function newest(files) {
	return Math.max(...files.map((file) => fs.statSync(file).mtimeMs));
}

module.exports = { templates, keep_assets, inline_styles, styles };
