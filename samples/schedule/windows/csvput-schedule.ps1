<#
.SYNOPSIS
Updates the CRM from one CSV file with nobody watching: goes on with the last run first if that was stopped
before its end, then runs the file. Started by the task that register-csvput-task.ps1 makes.

.DESCRIPTION
The README beside this script's folder says what each exit code means and what becomes of it. What asks
for a person is written to the event log (Application, source csvput): errors for an alarm, warnings for
rows that did not get through, information for what the next start puts right by itself.

.PARAMETER Folder
The folder with csvput.exe, csvput.yaml, token.txt and contacts.csv. Without spaces in its name. The runs
are kept in its folder runs.

.PARAMETER ResumeOnly
Only go on with what was stopped.
#>
[CmdletBinding()]
param(
    [string] $Folder = 'C:\csvput',
    [string] $MaxDuration = '3h',
    [string] $LockTimeout = '10m',
    [string] $OnFinish = '',
    [switch] $ResumeOnly
)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
[Console]::OutputEncoding = [System.Text.Encoding]::UTF8 # what csvput writes

$runs = Join-Path $Folder 'runs'
$file = Join-Path $Folder 'contacts.csv'
$env:CSVPUT_CONFIG = Join-Path $Folder 'csvput.yaml'
$env:CSVPUT_TOKEN_FILE = Join-Path $Folder 'token.txt'

# The exit codes after which the next start goes on by itself.
$passing = 5, 10, 12, 130, 143

function Write-Outcome([string] $Command, [int] $Code) {
    $type, $text = switch ($Code) {
        0 { return }
        2 { 'Error', "the settings are wrong, or there is no ${file}: run the command by hand to see what is wrong" }
        3 { 'Warning', 'some rows did not get through: correct failed.csv in the newest folder and run it' }
        4 { 'Error', "the file was refused and nothing was sent: correct $file" }
        { $_ -in 5, 10, 130, 143 } { 'Information', 'stopped for a passing cause: the next start goes on' }
        { $_ -in 7, 8 } { 'Error', 'stopped, and going on by itself would not help: look at report.html in the newest folder' }
        11 { 'Information', "another csvput was still working on the last run after ${LockTimeout}: the next start tries again" }
        12 { 'Error', 'the server refused the token: renew it, and the next start goes on' }
        default { 'Error', 'this should not happen: look at the log' }
    }
    Write-EventLog -LogName Application -Source csvput -EventId (1000 + $Code) -EntryType $type `
        -Message "csvput $Command ended with exit code ${Code}: $text. Runs and logs are in $runs."
}

# Get-StoppedRun gives the folder of the last run if that can be gone on with without a person looking
# first: it was stopped for a cause that passes, or it was ended from outside with its plan made
# ("planned"), as the Task Scheduler does when the time is over or the computer shuts down.
function Get-StoppedRun {
    $last = Get-ChildItem -Path $runs -Directory |
        Where-Object { $_.Name -match '-\d{8}T\d{6}Z$' -and $_.Name -notmatch '-undo-' } |
        Where-Object { Test-Path (Join-Path $_.FullName 'summary.json') } |
        Sort-Object Name | Select-Object -Last 1
    if (-not $last) { return }
    $summary = Get-Content (Join-Path $last.FullName 'summary.json') -Raw -Encoding UTF8 | ConvertFrom-Json
    if ($summary.state -eq 'planned' -or ($summary.state -eq 'stopped' -and $summary.exit_code -in $passing)) {
        $last.FullName
    }
}

# Invoke-Csvput runs a command of csvput and gives its exit code. Log lines go to a file, errors among them.
function Invoke-Csvput([string] $Command, [string[]] $Arguments) {
    $options = @('--json', '--quiet', '--max-duration', $MaxDuration, '--lock-timeout', $LockTimeout,
        '--log-format', 'json', '--log-file', (Join-Path $runs ('csvput-{0:yyyy-MM}.log' -f (Get-Date))),
        '--metrics-file', (Join-Path $runs 'csvput.prom'))
    if ($OnFinish) { $options += '--on-finish', $OnFinish }
    $summary = & (Join-Path $Folder 'csvput.exe') $Command @options @Arguments
    $code = $LASTEXITCODE
    # A run that ended before it had a plan prints no summary.
    if ($summary) { $summary | Set-Content (Join-Path $runs 'last.json') -Encoding UTF8 }
    Write-Outcome $Command $code
    $code
}

New-Item -ItemType Directory -Path $runs -Force | Out-Null
$earlier = 0
$stopped = Get-StoppedRun
if ($stopped) {
    $earlier = Invoke-Csvput 'apply' @($stopped)
    # Only a finished run makes room for the next.
    if ($earlier -notin 0, 3) { exit $earlier }
}
if ($ResumeOnly) { exit $earlier }
$code = Invoke-Csvput 'run' @('--no-input', '--yes', '--out', $runs, $file)
if ($code -eq 0) { $code = $earlier }
exit $code
