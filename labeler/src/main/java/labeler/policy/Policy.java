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
 * Our module in one policy. A repeated operation changes nothing.
 *
 * @param home the directory of this program's tree
 * @param uid the user that runs this
 * @param progress gets one-line messages during long steps
 */
public record Policy(PolicyTarget target, Programs programs, Path home, int uid, Consumer<String> progress) {
    /** semodule's own default priority for modules that an administrator installs. */
    private static final int PRIORITY = 400;

    /** Characters of a failed program's output in a message. */
    private static final int MAXIMUM_REASON = 600;

    private static final int ROOT = 0;

    /** An operation on the policy, once it is known to be possible. */
    @FunctionalInterface
    private interface Work {
        PolicyOutcome with(ShippedModule shipped) throws IOException;
    }

    public PolicyOutcome status() {
        return attempt(List.of("semodule"), shipped -> new Done(List.of(), look(shipped)));
    }

    /**
     * Installs or renews the module, sets booleans, and labels the program's files. Booleans get the values that they had
     * for good before the module was removed.
     *
     * @param wanted values for booleans of the module; they count more
     */
    public PolicyOutcome install(Map<String, Boolean> wanted) {
        return attempt(List.of("semodule", "setsebool", restorer()), shipped -> {
            Optional<String> unknown = wanted.keySet().stream()
                    .filter(name -> !shipped.booleans().containsKey(name))
                    .findFirst();
            return unknown.isPresent()
                    ? new UnknownBoolean(unknown.get() + " is no boolean of the module; it has "
                            + String.join(", ", shipped.booleans().keySet()))
                    : installKept(shipped, wanted);
        });
    }

    private PolicyOutcome installKept(ShippedModule shipped, Map<String, Boolean> wanted) throws IOException {
        KeptBooleans kept = new KeptBooleans(target);
        PolicyOutcome outcome = install(shipped, new PolicyBooleans(target).withKept(kept.values(), shipped, wanted));
        kept.forget();
        return outcome;
    }

    private PolicyOutcome install(ShippedModule shipped, Map<String, Boolean> wanted) throws IOException {
        List<String> changes = new ArrayList<>();
        PolicyBooleans booleans = new PolicyBooleans(target);
        ModuleState before = look(shipped).state();
        List<String> actions = actions(shipped, before);
        Map<String, Boolean> missing = booleans.missing(shipped, wanted);
        if (target.root().isPresent() && !missing.isEmpty()) {
            List<String> build = actions.isEmpty() ? List.of("--build") : actions;
            // Set before the build that reads them, and reset if it fails: a repeated install must not find them set.
            booleans.storeFor(missing, () -> rebuild(build));
        } else if (!actions.isEmpty()) {
            rebuild(actions);
        }
        if (!actions.isEmpty()) {
            changes.add(
                    before == ModuleState.DISABLED
                            ? "module installed, and switched on again after somebody had disabled it"
                            : "module installed");
        }
        if (target.root().isEmpty()) {
            // The module's booleans are asked once more: the store may have kept an old value.
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

    /** The actions for semodule; empty if the module is installed as shipped. */
    private static List<String> actions(ShippedModule shipped, ModuleState state) {
        List<String> install = List.of(
                "--priority",
                String.valueOf(PRIORITY),
                "--install",
                shipped.file().toString());
        return switch (state) {
            case CURRENT -> List.of();
            case ABSENT, OTHER -> install;
            case DISABLED ->
                Stream.concat(install.stream(), Stream.of("--enable", ShippedModule.NAME))
                        .toList();
        };
    }

    /**
     * Removes the module from the policy, at every priority, and gives the program's files ordinary labels. Values that
     * booleans have for good are kept for the next installation.
     */
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
            new KeptBooleans(target).keep(new PolicyBooleans(target).local(shipped));
            rebuild(actions);
            relabel();
            return new Done(List.of("module removed"), look(shipped));
        });
    }

    /** The expected place of the tree, if this program runs from elsewhere. Elsewhere it enters no domain. */
    public Optional<String> misplaced() {
        try {
            String place = home.toRealPath().toString();
            return OwnFiles.HOMES.contains(place)
                    ? Optional.empty()
                    : Optional.of(place + " is not where the module has file contexts for ("
                            + String.join(", ", OwnFiles.HOMES)
                            + "): a program started from it keeps the domain of the process that starts it");
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
     * Gives a boolean of the running policy a value, for good.
     *
     * @return the reason for a failure; empty if it has that value, or if no kernel here has such a boolean
     */
    public Optional<String> set(String name, boolean value) {
        try {
            PolicyBooleans booleans = new PolicyBooleans(target);
            if (booleans.isLoaded(name)
                    && !booleans.missing(ShippedModule.read(home), Map.of(name, value))
                            .isEmpty()) {
                run(PolicyBooleans.setsebool(Map.of(name, value)));
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Labels this program's files again, after one was written.
     *
     * @return the reason for a failure; empty if it succeeded, or the kernel has no labels
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
