package labeler.chain.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Looks for the commands on the PATH. */
final class RequiresCommandsCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Optional<RequiresCommands> required =
                AnnotationSupport.findAnnotation(context.getElement(), RequiresCommands.class);
        List<String> missing = required.stream()
                .flatMap(commands -> Arrays.stream(commands.value()))
                .filter(command -> !isOnPath(command))
                .toList();
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("all commands are here");
        }
        String reason = context.getDisplayName() + " needs " + String.join(", ", missing) + " on the PATH";
        if ("1".equals(System.getenv("LABELER_TEST_REQUIRE_ALL"))) {
            throw new IllegalStateException(reason + ", and LABELER_TEST_REQUIRE_ALL=1 forbids to skip it");
        }
        System.err.println("SKIPPED: " + reason);
        return ConditionEvaluationResult.disabled(reason);
    }

    private static boolean isOnPath(String command) {
        return Optional.ofNullable(System.getenv("PATH")).stream()
                .flatMap(path -> Arrays.stream(path.split(":", -1)))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, command)));
    }
}
