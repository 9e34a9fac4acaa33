package labeler.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import labeler.api.ExitCode;
import labeler.arguments.PathConverter;
import labeler.cli.option.Converters;
import labeler.cli.option.FormOptions;
import labeler.cli.option.PolicyBoolean;
import labeler.linux.HostPath;
import labeler.policy.ModuleState;
import labeler.policy.Policy;
import labeler.policy.PolicyOutcome;
import labeler.policy.PolicyStatus;
import labeler.view.PolicyAnswer;
import labeler.view.PolicyText;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

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
    @Option(
            names = "--root",
            scope = ScopeType.INHERIT,
            paramLabel = "DIR",
            converter = PathConverter.class,
            description = "The root directory of another system, an image that is being built: its policy is built and"
                    + " its files are labelled, and nothing is loaded into this kernel.")
    private @Nullable HostPath root;

    @Mixin
    private final FormOptions form = new FormOptions();

    @Command(
            name = "install",
            mixinStandardHelpOptions = true,
            description = "Builds and loads the module, and labels the files that it names.")
    int install(
            @Option(
                            names = "--boolean",
                            paramLabel = "NAME=on|off",
                            converter = Converters.OfPolicyBoolean.class,
                            description = "A boolean of the module, and its value, for good. Can be repeated.")
                    @Nullable
                    List<PolicyBoolean> booleans) {
        Map<String, Boolean> wanted = new LinkedHashMap<>();
        for (PolicyBoolean one : Objects.requireNonNullElse(booleans, List.<PolicyBoolean>of())) {
            wanted.put(one.name(), one.value());
        }
        Policy policy = policy();
        PolicyOutcome outcome = policy.install(wanted);
        int exitCode = finish(outcome, true, ModuleState.CURRENT);
        if (outcome instanceof PolicyOutcome.Done && root == null) {
            policy.misplaced().ifPresent(terminal()::complain);
        }
        return exitCode;
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = "Unloads the module, and labels the files as the policy without it says.")
    int remove() {
        return finish(policy().remove(), true, ModuleState.ABSENT);
    }

    @Command(
            name = "status",
            mixinStandardHelpOptions = true,
            description = "Shows whether the module is installed, with its booleans.")
    int status() {
        return finish(policy().status(), false, ModuleState.CURRENT);
    }

    private Policy policy() {
        return host().policy(Optional.ofNullable(root).map(HostPath::jdkPath), terminal()::complain);
    }

    private int finish(PolicyOutcome outcome, boolean changing, ModuleState wanted) {
        return switch (outcome) {
            case PolicyOutcome.Failed(String message) -> complain(message, ExitCode.FAILED);
            case PolicyOutcome.UnknownBoolean(String message) -> complain(message, ExitCode.USAGE);
            case PolicyOutcome.InUse(String message) -> complain(message, ExitCode.CONFLICT);
            case PolicyOutcome.NotPermitted(String message) -> complain(message, ExitCode.NO_SERVICE);
            case PolicyOutcome.Done(List<String> changes, PolicyStatus status) -> {
                form.form()
                        .print(
                                terminal(),
                                PolicyAnswer.of(changes, status),
                                () -> new PolicyText(terminal()).print(changing, changes, status));
                yield status.state() == wanted ? ExitCode.DONE : ExitCode.FAILED;
            }
        };
    }
}
