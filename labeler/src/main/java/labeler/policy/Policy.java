package labeler.policy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import labeler.policy.PolicyOutcome.Done;
import labeler.policy.PolicyOutcome.Failed;
import labeler.policy.PolicyOutcome.InUse;
import labeler.policy.PolicyOutcome.NotPermitted;
import labeler.policy.PolicyOutcome.UnknownBoolean;
import labeler.policy.Programs.Ended;

/**
 * Our module in one policy. Each operation may be repeated, and then changes nothing.
 *
 * @param home the directory of this program's tree
 * @param uid who runs this
 * @param progress told on a line what is going on while something takes long
 */
public record Policy(PolicyTarget target, Programs programs, Path home, int uid, Consumer<String> progress) {
    /** What semodule itself takes for a module that an administrator installs. */
    private static final int PRIORITY = 400;

    /** Of what a program said before it failed. */
    private static final int MAXIMUM_REASON = 600;

    private static final int ROOT = 0;

    /** Something to be done with the policy, once it is known that it can be. */
    @FunctionalInterface
    private interface Work {
        PolicyOutcome with(ShippedModule shipped) throws IOException;
    }

    public PolicyOutcome status() {
        return attempt(List.of("semodule"), shipped -> new Done(List.of(), look(shipped)));
    }

    /**
     * Installs the module or renews it, sets booleans, and gives the program's files their labels.
     *
     * @param wanted values of booleans, all of them the module's
     */
    public PolicyOutcome install(Map<String, Boolean> wanted) {
        return attempt(List.of("semodule", "setsebool", restorer()), shipped -> {
            Optional<String> unknown = wanted.keySet().stream()
                    .filter(name -> !shipped.booleans().containsKey(name))
                    .findFirst();
            return unknown.isPresent()
                    ? new UnknownBoolean(unknown.get() + " is no boolean of the module; it has "
                            + String.join(", ", shipped.booleans().keySet()))
                    : install(shipped, wanted);
        });
    }

    private PolicyOutcome install(ShippedModule shipped, Map<String, Boolean> wanted) throws IOException {
        List<String> changes = new ArrayList<>();
        PolicyBooleans booleans = new PolicyBooleans(target);
        List<String> actions = actions(shipped);
        Map<String, Boolean> missing = booleans.missing(shipped, wanted);
        if (target.root().isPresent() && !missing.isEmpty()) {
            List<String> build = actions.isEmpty() ? List.of("--build") : actions;
            // Before the build that reads them; and back, if it fails: repeated, the install must not find them there.
            booleans.storeFor(missing, () -> rebuild(build));
        } else if (!actions.isEmpty()) {
            rebuild(actions);
        }
        if (!actions.isEmpty()) {
            changes.add("module installed");
        }
        if (target.root().isEmpty()) {
            // What the module brings with it is asked once more: a value may have been kept from an earlier time.
            missing = booleans.missing(shipped, wanted);
        }
        if (target.root().isEmpty() && !missing.isEmpty()) {
            progress.accept("setting booleans, which builds the policy once more");
            run(PolicyBooleans.setsebool(missing));
        }
        missing.forEach((name, value) -> changes.add(name + " is " + (value ? "on" : "off")));
        relabel();
        return new Done(changes, look(shipped));
    }

    /** What semodule has to do; empty where the module is installed as shipped. */
    private List<String> actions(ShippedModule shipped) throws IOException {
        List<String> install = List.of(
                "--priority",
                String.valueOf(PRIORITY),
                "--install",
                shipped.file().toString());
        return switch (look(shipped).state()) {
            case CURRENT -> List.of();
            case ABSENT, OTHER -> install;
            case DISABLED ->
                Stream.concat(install.stream(), Stream.of("--enable", ShippedModule.NAME))
                        .toList();
        };
    }

    /** Takes the module out of the policy, at every priority, and gives the program's files the labels of any others. */
    public PolicyOutcome remove() {
        return attempt(List.of("semodule", restorer()), shipped -> {
            List<InstalledModule> installed = look(shipped).installed();
            if (installed.isEmpty()) {
                return new Done(List.of(), look(shipped));
            }
            Optional<String> running = target.isLive() ? new RunningDomains(target.proc()).first() : Optional.empty();
            if (running.isPresent()) {
                return new InUse(running.get() + ", which needs the module; end it first"
                        + " (systemctl stop labelerd.socket labelerd.service, and all VMs)");
            }
            List<String> actions = new ArrayList<>();
            for (InstalledModule module : installed) {
                actions.addAll(
                        List.of("--priority", String.valueOf(module.priority()), "--remove", ShippedModule.NAME));
            }
            rebuild(actions);
            relabel();
            return new Done(List.of("module removed"), look(shipped));
        });
    }

    /** Where the module expects the tree, if this program runs from somewhere else: there it enters no domain. */
    public Optional<String> misplaced() {
        try {
            String place = home.toRealPath().toString();
            return OwnFiles.HOMES.contains(place)
                    ? Optional.empty()
                    : Optional.of(place + " is not where the module has file contexts for ("
                            + String.join(", ", OwnFiles.HOMES)
                            + "): programs started from it keep the domain of whoever starts them");
        } catch (IOException e) {
            return Optional.of(home + " cannot be looked at: " + e.getMessage());
        }
    }

    private String restorer() {
        return target.root().isPresent() ? "setfiles" : "restorecon";
    }

    private PolicyOutcome attempt(List<String> needed, Work work) {
        Optional<String> missing =
                needed.stream().filter(name -> !programs.isInstalled(name)).findFirst();
        if (missing.isPresent()) {
            return new Failed(missing.get() + " is not installed: no SELinux on this host, or install policycoreutils");
        }
        if (uid != ROOT) {
            return new NotPermitted("only root may look at the policy's modules or change them");
        }
        try {
            return work.with(ShippedModule.read(home));
        } catch (IOException e) {
            return new Failed(String.valueOf(e.getMessage()));
        }
    }

    private PolicyStatus look(ShippedModule shipped) throws IOException {
        String listing = run(target.semodule(List.of("--list-modules=full", "--checksum")))
                .out();
        List<InstalledModule> installed = InstalledModule.list(listing);
        ModuleState state = ModuleState.of(shipped, installed);
        PolicyBooleans booleans = new PolicyBooleans(target);
        return new PolicyStatus(
                shipped,
                installed,
                state,
                target.mode(),
                state == ModuleState.ABSENT ? Map.of() : booleans.values(shipped),
                booleans.opening());
    }

    private void rebuild(List<String> actions) throws IOException {
        progress.accept("building the policy, which takes from ten seconds to two minutes");
        run(target.semodule(actions));
    }

    /**
     * Gives this program's files their labels again, after one was written.
     *
     * @return why that failed; empty if it did not, or if no kernel here has labels
     */
    public Optional<String> label() {
        if (!target.isLive() || !programs.isInstalled(restorer())) {
            return Optional.empty();
        }
        try {
            relabel();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private void relabel() throws IOException {
        Optional<List<String>> command = new OwnFiles(target).restore();
        if (command.isPresent()) {
            run(command.get());
        }
    }

    private Ended run(List<String> command) throws IOException {
        Ended ended = programs.run(command, this::tell);
        if (!ended.succeeded()) {
            String said = String.join("; ", ended.err().strip().lines().toList());
            String reason = said.length() > MAXIMUM_REASON ? said.substring(0, MAXIMUM_REASON) + "…" : said;
            throw new IOException(command.getFirst() + " failed with exit code " + ended.exitCode() + ": " + reason);
        }
        return ended;
    }

    private void tell(Duration waited) {
        progress.accept("still building, after " + waited.toSeconds() + " s");
    }
}
