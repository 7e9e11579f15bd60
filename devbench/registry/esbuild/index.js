// Builds the bundles of every app of the bench, for a Frappe that came without its own build script.
// Understands what `bench build` and `bench watch` pass on; writes what Frappe's `bundled_asset` reads.
const fs = require("fs");
const path = require("path");
const esbuild = require("esbuild");
const fast_glob = require("fast-glob");
const vue = require("esbuild-plugin-vue3");
const plugins = require("./plugins");

const bench = path.resolve(__dirname, "../../..");
const apps_path = path.join(bench, "apps");
const sites = path.join(bench, "sites");
const options = read_options(process.argv.slice(2));

function read_options(words) {
	const found = { production: false, watch: false };
	for (let i = 0; i < words.length; i++) {
		const [name, inline] = words[i].replace(/^--/, "").split("=");
		const next = words[i + 1];
		if (inline !== undefined) found[name] = inline;
		else if (next && !next.startsWith("--")) found[name] = words[++i];
		else found[name] = true;
	}
	return found;
}

function list(value) {
	return typeof value === "string" ? value.split(",").filter(Boolean) : [];
}

function installed_apps() {
	const is_app = (name) => fs.existsSync(path.join(apps_path, name, name, "hooks.py"));
	return fs.readdirSync(apps_path).filter(is_app);
}

function apps_to_build() {
	const chosen = list(options.apps).length ? list(options.apps) : installed_apps();
	return chosen.filter((app) => !(options.skip_frappe && app === "frappe"));
}

function sources_of(app) {
	const root = path.join(apps_path, app, app, "public");
	const found = fast_glob.sync("**/*.bundle.{js,ts,css,scss,sass}", {
		cwd: root,
		ignore: ["dist/**", "node_modules/**"],
	});
	const wanted = list(options.files).filter((file) => file.startsWith(app + "/"));
	const chosen = wanted.map((file) => file.slice(app.length + 1));
	return found
		.filter((file) => !chosen.length || chosen.includes(path.basename(file)))
		.map((file) => path.join(root, file));
}

function entry_points(app, files, folder) {
	const points = {};
	for (const file of files) points[`${folder}/${path.basename(file, path.extname(file))}`] = file;
	return points;
}

function settings(app, entries, extra) {
	return {
		entryPoints: entries,
		entryNames: "[dir]/[name].[hash]",
		outdir: path.join(apps_path, app, app, "public", "dist"),
		bundle: true,
		metafile: true,
		minify: Boolean(options.production),
		sourcemap: true,
		target: ["es2017"],
		logLevel: "error",
		nodePaths: [
			...installed_apps().map((name) => path.join(apps_path, name, "node_modules")),
			...installed_apps().map((name) => path.join(apps_path, name)),
		],
		define: {
			"process.env.NODE_ENV": JSON.stringify(options.production ? "production" : "development"),
			__VUE_OPTIONS_API__: "true",
			__VUE_PROD_DEVTOOLS__: "false",
		},
		watch: options.watch ? { onRebuild: (error, result) => error || record(app, result) } : false,
		...extra,
	};
}

async function build_app(app) {
	const files = sources_of(app);
	const scripts = files.filter((file) => /\.(js|ts)$/.test(file));
	const styles = files.filter((file) => !scripts.includes(file));
	const jobs = [];
	if (scripts.length) {
		const extra = { plugins: [vue(), plugins.templates, plugins.inline_styles], write: false };
		jobs.push(settings(app, entry_points(app, scripts, "js"), extra));
	}
	for (const rtl of styles.length ? [false, true] : []) {
		const extra = { plugins: [plugins.keep_assets, plugins.styles(apps_path, installed_apps(), rtl)] };
		jobs.push(settings(app, entry_points(app, styles, rtl ? "css-rtl" : "css"), extra));
	}
	for (const job of jobs) record(app, await esbuild.build(job));
}

// assets.json maps the name a page asks for to the file with the hash in its name.
function record(app, result) {
	const served = {};
	for (const [output, info] of Object.entries(result.metafile.outputs)) {
		if (!info.entryPoint || output.endsWith(".map")) continue;
		const file = path.resolve(output);
		const place = path.relative(path.join(apps_path, app, app, "public"), file);
		const key = path.basename(info.entryPoint).replace(/\.(scss|sass)$/, ".css").replace(/\.ts$/, ".js");
		const rtl = place.startsWith("dist/css-rtl/");
		if (file.endsWith(".css") && !key.endsWith(".css")) continue;
		served[rtl ? "rtl_" + key : key] = `/assets/${app}/${place}`;
		remove_older(file);
	}
	for (const rtl of [false, true]) update_json(rtl ? "assets-rtl.json" : "assets.json", served, rtl);
}

function remove_older(file) {
	const parts = path.basename(file).split(".");
	const stem = parts.slice(0, -2).join(".") + ".";
	for (const other of fs.readdirSync(path.dirname(file))) {
		if (other.startsWith(stem) && !other.startsWith(path.basename(file)) && /\.(js|css)(\.map)?$/.test(other)) {
			if (other.split(".").length - (other.endsWith(".map") ? 1 : 0) === parts.length) {
				fs.unlinkSync(path.join(path.dirname(file), other));
			}
		}
	}
}

function update_json(name, served, rtl) {
	const file = path.join(sites, "assets", name);
	const known = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {};
	const news = Object.entries(served).filter(([key]) => key.startsWith("rtl_") === rtl);
	fs.writeFileSync(file, JSON.stringify({ ...known, ...Object.fromEntries(news) }, null, 4));
}

async function forget_cached_map() {
	const conf_file = path.join(sites, "common_site_config.json");
	const conf = fs.existsSync(conf_file) ? JSON.parse(fs.readFileSync(conf_file, "utf8")) : {};
	if (!conf.redis_cache) return;
	const { createClient } = require("@redis/client");
	const client = createClient({ url: conf.redis_cache, socket: { reconnectStrategy: false } });
	client.on("error", () => {});
	try {
		await client.connect();
		await client.del("assets_json");
		await client.quit();
	} catch {
		// No cache running: nothing is cached.
	}
}

function run_build_commands() {
	for (const app of apps_to_build().filter((name) => name !== "frappe")) {
		const root = path.join(apps_path, app);
		const file = path.join(root, "package.json");
		if (!fs.existsSync(file) || !JSON.parse(fs.readFileSync(file, "utf8")).scripts?.build) continue;
		require("child_process").execSync("yarn build", { cwd: root, stdio: "inherit" });
	}
}

async function main() {
	fs.mkdirSync(path.join(sites, "assets"), { recursive: true });
	for (const app of apps_to_build()) {
		const began = Date.now();
		await build_app(app);
		console.log(`${app}: built in ${((Date.now() - began) / 1000).toFixed(1)} s`);
	}
	await forget_cached_map();
	if (options["run-build-command"] && !options.watch) run_build_commands();
}

main().catch((error) => {
	console.error(error.message || error);
	process.exit(1);
});
