package labeler.linux.jna;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import labeler.linux.AttributeName;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.contract.ExtendedAttributesContractTest;
import labeler.linux.contract.Stage;
import org.junit.jupiter.api.Test;

final class JnaExtendedAttributesTest extends ExtendedAttributesContractTest {
    private static final AttributeName NAME = new AttributeName("trusted.label");

    @Override
    protected Stage createStage() throws Exception {
        return new RealStage(JnaLinux.create());
    }

    @Test
    void a_file_that_may_not_be_changed_says_so_and_what_to_do() throws Exception {
        RequiredCapability.ROOT.assume();
        Stage stage = createStage();
        Linux linux = stage.linux();
        HostPath path = stage.path("image");
        stage.file(path, new byte[1]);
        try (OpenedFile file = (OpenedFile) linux.open().find(path, OpenRequest.IMAGE)) {
            linux.attributes().set(file, NAME, new byte[1]);
            for (String flag : new String[] {"i", "a"}) {
                RealStage.run("chattr", "+" + flag, path.printable());
                assertThatThrownBy(() -> linux.attributes().set(file, NAME, new byte[2]))
                        .isInstanceOf(LinuxException.class)
                        .hasMessageEndingWith("let it be changed with chattr -" + flag);
                assertThatThrownBy(() -> linux.attributes().remove(file, NAME))
                        .isInstanceOf(LinuxException.class)
                        .hasMessageEndingWith("let it be changed with chattr -" + flag);
                RealStage.run("chattr", "-" + flag, path.printable());
            }
        } finally {
            stage.clear();
        }
    }
}
