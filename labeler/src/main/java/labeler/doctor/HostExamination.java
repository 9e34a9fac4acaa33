package labeler.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import labeler.config.ConfigReader;
import labeler.config.ServiceConfig;
import labeler.hook.HookScript;
import labeler.launch.LandlockGap;
import labeler.linux.Exec;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.ShellWord;
import labeler.policy.ModuleState;
import labeler.policy.Policy;
import labeler.policy.PolicyOutcome;
import labeler.policy.PolicyStatus;
import labeler.problem.IoReason;
import labeler.selinux.SelinuxHost;

/**
 * Looks at this host: its policy, kernel, Java, directories and hook. The service answers for the rest.
 *
 * @param places where to look
 */
public record HostExamination(
        SelinuxHost selinux, Policy policy, Exec exec, ConfigReader.Result settings, HostPlaces places) {
    private static final String ROOT = "root";

    /** Everything, one line each. */
    public List<Finding> look() {
        List<Finding> findings = new ArrayList<>(labels());
        findings.add(landlock());
        findings.add(new HardLinks(places.sysctl()).look());
        findings.add(java());
        findings.addAll(directories());
        findings.add(hook());
        findings.add(new EmulatorLinks(
                        places.emulators().jdkPath(),
                        places.home().resolve("libexec").resolve("labeler-emulator"))
                .look());
        return findings;
    }

    private List<Finding> labels() {
        return switch (selinux.mode()) {
            case INACTIVE ->
                List.of(Finding.skipped("policy", "SELinux is not active here; labeler run confines by Landlock"));
            case PERMISSIVE -> {
                List<Finding> findings = new ArrayList<>(module());
                findings.add(Finding.warning(
                        "selinux", "SELinux is permissive: it logs and denies nothing", "setenforce 1"));
                yield findings;
            }
            case ENFORCING -> module();
        };
    }

    private List<Finding> module() {
        return switch (policy.status()) {
            case PolicyOutcome.Done(List<String> _, PolicyStatus status) -> List.of(module(status), booleans(status));
            case PolicyOutcome.NotPermitted(String message) -> List.of(Finding.skipped("policy", message));
            case PolicyOutcome.Failed(String message) -> List.of(unknownModule(message));
            case PolicyOutcome.UnknownBoolean(String message) -> List.of(unknownModule(message));
            case PolicyOutcome.InUse(String message) -> List.of(unknownModule(message));
        };
    }

    private static Finding unknownModule(String message) {
        return Finding.fault("policy", message, "labeler policy status");
    }

    private static Finding module(PolicyStatus status) {
        return status.state() == ModuleState.CURRENT
                ? Finding.good("policy", "the module is installed, as this program ships it")
                : Finding.fault(
                        "policy",
                        "the module is not as shipped: " + status.state().word(),
                        "labeler policy install");
    }

    private static Finding booleans(PolicyStatus status) {
        return status.opening().isEmpty()
                ? Finding.good("booleans", "none opens files without labels to every VM")
                : Finding.warning(
                        "booleans",
                        String.join(", ", status.opening())
                                + (status.opening().size() == 1 ? " is on: " : " are on: ")
                                + "every VM may open files without labels by name",
                        status.opening().stream()
                                .map(name -> "setsebool -P " + name + " off")
                                .collect(Collectors.joining("; ")));
    }

    private Finding landlock() {
        int version;
        try {
            version = exec.landlockVersion();
        } catch (LinuxException e) {
            return Finding.skipped("landlock", "the kernel does not say: " + e.getMessage());
        }
        if (version == 0) {
            String remedy = "boot with lsm=landlock,… on the kernel's command line; Linux has Landlock since 5.13";
            return selinux.mode() == SelinuxHost.Mode.ENFORCING
                    ? Finding.warning("landlock", "this kernel has no Landlock: SELinux is the only wall", remedy)
                    : Finding.fault(
                            "landlock", "this kernel has no Landlock, and SELinux does not enforce: no wall", remedy);
        }
        List<LandlockGap> gaps = LandlockGap.of(version);
        return gaps.isEmpty()
                ? Finding.good("landlock", "version " + version)
                : Finding.warning(
                        "landlock",
                        "version " + version + ": "
                                + gaps.stream().map(LandlockGap::text).collect(Collectors.joining("; ")),
                        "a newer kernel");
    }

    private Finding java() {
        Path archive = archive();
        String version = "Java " + Runtime.version().feature() + " (" + System.getProperty("java.home") + ")";
        if (!Files.isDirectory(places.home().resolve("libexec")) || Files.exists(archive)) {
            return Finding.good("java", version);
        }
        return Finding.warning(
                "java",
                version + "; without " + HostPath.of(archive) + " each command starts at half the speed",
                HostPath.of(places.home().resolve("libexec").resolve("archive-classes"))
                        .printable());
    }

    /** Where the class archive is: a package names a place of its own, since {@code /usr} may be read-only. */
    private Path archive() {
        Path library = places.home().resolve("lib");
        try {
            return Path.of(Files.readString(library.resolve("archive")).strip());
        } catch (IOException | InvalidPathException e) {
            return library.resolve("labeler.jsa");
        }
    }

    private List<Finding> directories() {
        return switch (settings) {
            case ConfigReader.Invalid(String message) ->
                List.of(Finding.fault("settings", message, "mend that; the service does not start with it"));
            case ConfigReader.Read read -> {
                ServiceConfig service = read.config().service();
                yield List.of(directory("state", service.stateDirectory()), directory("run", service.runDirectory()));
            }
        };
    }

    /** A user who can write there can change the records. */
    private static Finding directory(String check, Path place) {
        HostPath name = HostPath.of(place);
        try {
            PosixFileAttributes found = Files.readAttributes(place, PosixFileAttributes.class);
            boolean isOpen = found.permissions().contains(PosixFilePermission.GROUP_WRITE)
                    || found.permissions().contains(PosixFilePermission.OTHERS_WRITE);
            if (!found.isDirectory()) {
                return Finding.fault(check, name + " is no directory", "move it away, and start the service again");
            }
            if (isOpen || !found.owner().getName().equals(ROOT)) {
                return Finding.fault(
                        check,
                        name + " is " + found.owner().getName() + "'s, "
                                + PosixFilePermissions.toString(found.permissions())
                                + ": others than root can change it",
                        "chown root " + ShellWord.of(name) + "; chmod go-w " + ShellWord.of(name));
            }
            return Finding.good(check, name.printable());
        } catch (IOException e) {
            return Files.exists(place)
                    ? Finding.skipped(check, name + ": " + IoReason.of(e))
                    : Finding.skipped(check, name + " is not there yet: the service makes it when it starts");
        }
    }

    private Finding hook() {
        if (!Files.isDirectory(places.hooks().jdkPath().resolveSibling("."))) {
            return Finding.skipped("hook", "libvirt is not installed here");
        }
        String remedy = "labeler hook install libvirt; then restart libvirt's daemon";
        try {
            HookScript.State state = new HookScript(places.hooks()).state();
            return switch (state) {
                case CURRENT -> Finding.good("hook", state.words());
                case ABSENT ->
                    Finding.warning("hook", "libvirt is here and calls no hook: its domains are not labelled", remedy);
                case OUTDATED -> Finding.fault("hook", "the hook is of another version", remedy);
                case FOREIGN ->
                    Finding.warning("hook", state.words() + " is in the way", "move it away; then " + remedy);
            };
        } catch (IOException e) {
            return Finding.skipped("hook", Optional.ofNullable(e.getMessage()).orElse("cannot be looked at"));
        }
    }
}
