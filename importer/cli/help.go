package cli

// rootHelp is the page of csvput --help.
const rootHelp = `csvput: {{.Usage}}

{{.Description}}

Commands:{{range .VisibleCommands}}
   {{printf "%-10s" .Name}}  {{.Usage}}{{end}}

csvput COMMAND --help explains a command. Every option is also an environment variable (CSVPUT_ and its
name in capitals, _ for -) and a key of csvput.yaml.
`

// commandHelp is the page of csvput COMMAND --help.
const commandHelp = `csvput {{.Name}}: {{.Usage}}

Usage:
   csvput {{.Name}}{{if .VisibleFlags}} [options]{{end}}{{if .ArgsUsage}} {{.ArgsUsage}}{{end}}{{if .Aliases}}   (also: {{range .Aliases}}csvput {{.}}{{end}}){{end}}

{{.Description}}
{{range .VisibleFlagCategories}}
{{if .Name}}{{.Name}}:{{else}}Options:{{end}}{{range .Flags}}
   {{.}}{{end}}
{{end}}`
