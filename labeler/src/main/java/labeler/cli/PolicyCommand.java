package labeler.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.arguments.PathConverter;
import labeler.linux.HostPath;
import labeler.policy.ModuleState;
import labeler.policy.Policy;
import labeler.policy.PolicyOutcome;
import labeler.policy.PolicyStatus;
import labeler.view.PolicyText;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "policy",
        description = "Installs, removes or shows the SELinux policy module.",
        exitCodeList = {
            "0:done; status: installed, with the content that this program ships",
            "1:failed, or no SELinux tools here; status: not installed, or another content",
            "2:usage",
            "4:a process still runs in a domain of the module",
            "5:not permitted: only root may"
        })
final class PolicyCommand extends AbstractCommand {
    /** What can be done with it. */
    enum Action {
        install,
        remove,
        status
    }

    @Option(
            names = "--boolean",
            paramLabel = "NAME=on|off",
            converter = Converters.OfPolicyBoolean.class,
            description = "install: a boolean of the module, and its value, for good. Can be repeated.")
    private List<PolicyBoolean> booleans = List.of();

    @Option(
            names = "--root",
            paramLabel = "DIR",
            converter = PathConverter.class,
            description = "The root directory of another system, an image that is being built: its policy is built and"
                    + " its files are labelled, and nothing is loaded into this kernel.")
    private @Nullable HostPath root;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Parameters(paramLabel = "install|remove|status", description = "What to do with the module.")
    private Action action = Action.status;

    @Override
    public Integer call() {
        if (action != Action.install && !booleans.isEmpty()) {
            terminal().complain("--boolean is for policy install; setsebool changes one afterwards");
            return ExitCode.USAGE;
        }
        Policy policy = host().policy(Optional.ofNullable(root).map(HostPath::jdkPath), terminal()::complain);
        return switch (action) {
            case install -> finish(policy, policy.install(wanted()));
            case remove -> finish(policy, policy.remove());
            case status -> finish(policy, policy.status());
        };
    }

    private Map<String, Boolean> wanted() {
        Map<String, Boolean> wanted = new LinkedHashMap<>();
        booleans.forEach(one -> wanted.put(one.name(), one.value()));
        return wanted;
    }

    private int finish(Policy policy, PolicyOutcome outcome) {
        return switch (outcome) {
            case PolicyOutcome.Failed(String message) -> refused(message, ExitCode.FAILED);
            case PolicyOutcome.UnknownBoolean(String message) -> refused(message, ExitCode.USAGE);
            case PolicyOutcome.InUse(String message) -> refused(message, ExitCode.CONFLICT);
            case PolicyOutcome.NotPermitted(String message) -> refused(message, ExitCode.NO_SERVICE);
            case PolicyOutcome.Done(List<String> changes, PolicyStatus status) -> {
                PolicyText text = new PolicyText(terminal());
                if (json) {
                    terminal().print(PolicyText.json(changes, status));
                } else {
                    text.print(action != Action.status, changes, status);
                }
                if (action == Action.install && root == null) {
                    policy.misplaced().ifPresent(terminal()::complain);
                }
                yield exitCode(status);
            }
        };
    }

    private int refused(String message, int code) {
        terminal().complain(message);
        return code;
    }

    private int exitCode(PolicyStatus status) {
        return switch (action) {
            case install, status -> status.state() == ModuleState.CURRENT ? ExitCode.DONE : ExitCode.FAILED;
            case remove -> status.state() == ModuleState.ABSENT ? ExitCode.DONE : ExitCode.FAILED;
        };
    }
}
