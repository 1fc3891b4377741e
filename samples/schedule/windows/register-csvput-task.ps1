<#
.SYNOPSIS
Registers the scheduled task csvput: every night a run, then every hour until six a look whether something
was stopped that can be gone on with. Run it once, as administrator, in Windows PowerShell 5.1.

.DESCRIPTION
The tasks run as LOCAL SERVICE, an account without a password and with few rights, which is given this
one folder. Nobody but that account and administrators can read the token and the runs afterwards.

.PARAMETER Folder
The folder with csvput.exe, csvput.yaml, token.txt, contacts.csv and csvput-schedule.ps1. Without spaces in
its name.
#>
#Requires -Version 5.1
#Requires -RunAsAdministrator
[CmdletBinding()]
param(
    [string] $Folder = 'C:\csvput',
    [datetime] $At = '01:30'
)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script = Join-Path $Folder 'csvput-schedule.ps1'
foreach ($needed in $script, (Join-Path $Folder 'csvput.exe'), (Join-Path $Folder 'token.txt')) {
    if (-not (Test-Path $needed)) { throw "$needed is not there" }
}

# S-1-5-19 is LOCAL SERVICE, S-1-5-32-544 the administrators, S-1-5-18 the system: names differ by language.
icacls $Folder /inheritance:r /grant '*S-1-5-19:(OI)(CI)M' '*S-1-5-32-544:(OI)(CI)F' '*S-1-5-18:(OI)(CI)F' | Out-Null
if ($LASTEXITCODE -ne 0) { throw "the rights of $Folder could not be set" }

if (-not [System.Diagnostics.EventLog]::SourceExists('csvput')) {
    New-EventLog -LogName Application -Source csvput
}

$principal = New-ScheduledTaskPrincipal -UserId 'S-1-5-19' -LogonType ServiceAccount -RunLevel Limited

# The time limit is more than --max-duration twice: once for going on, once for the new run. A run that
# is ended by it goes on at the next start.
$settings = New-ScheduledTaskSettingsSet -MultipleInstances IgnoreNew -StartWhenAvailable `
    -ExecutionTimeLimit (New-TimeSpan -Hours 6 -Minutes 30) -RunOnlyIfNetworkAvailable `
    -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries

function Register-Csvput([string] $Name, [string] $Description, $Trigger, [string] $Extra) {
    $action = New-ScheduledTaskAction -Execute 'powershell.exe' -WorkingDirectory $Folder `
        -Argument "-NoProfile -NonInteractive -ExecutionPolicy Bypass -File `"$script`" -Folder `"$Folder`" $Extra"
    Register-ScheduledTask -TaskName $Name -TaskPath '\csvput\' -Description $Description -Action $action `
        -Trigger $Trigger -Settings $settings -Principal $principal -Force | Out-Null
}

$nightly = New-ScheduledTaskTrigger -Daily -At $At
Register-Csvput 'nightly' 'Updates the CRM from contacts.csv.' $nightly ''

# A daily trigger can't be made with a repetition; one that runs once can, and lends its own.
$hourly = New-ScheduledTaskTrigger -Daily -At $At.AddHours(1)
$hourly.Repetition = (New-ScheduledTaskTrigger -Once -At $At.AddHours(1) `
    -RepetitionInterval (New-TimeSpan -Hours 1) -RepetitionDuration (New-TimeSpan -Hours 4)).Repetition
Register-Csvput 'go on' 'Goes on with a run of csvput that was stopped.' $hourly '-ResumeOnly'

Write-Output "Registered. To try it now: Start-ScheduledTask -TaskPath '\csvput\' -TaskName 'nightly'"
