package labeler.chain.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that needs other programs. If one is missing, the test is skipped and says so; with the environment variable
 * {@code LABELER_TEST_REQUIRE_ALL=1} it fails instead.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresCommandsCondition.class)
public @interface RequiresCommands {
    String[] value();
}
