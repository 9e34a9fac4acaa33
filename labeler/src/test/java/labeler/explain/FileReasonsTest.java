package labeler.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import labeler.fileset.FileUse;
import labeler.lifecycle.FileView;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.plan.Treatment;
import labeler.selinux.SecurityContext;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileReasonsTest {
    private static final HostPath DISK = HostPath.of("/vm/disk");

    private static String libvirt(FileView disk) {
        return FileReasons.of(HeldVm.of("web1", "s0:c1,c2", new Pid(4711), Optional.empty(), disk), DISK)
                .orElseThrow()
                .libvirt();
    }

    private static FileView labelled(String context, UseAccess access) {
        return new FileView(
                DISK,
                Treatment.LABEL,
                SecurityContext.parse(context),
                Optional.empty(),
                "a disk",
                List.of(new FileUse(new Origin("-drive[0]"), FileRole.DISK, access)),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                List.of());
    }

    @Test
    void a_disk_of_one_vm_gets_its_label_back_from_libvirt() {
        FileIdentity identity = new FileIdentity(1, 2, Optional.empty());

        assertThat(libvirt(HeldVm.file("/vm/disk", HeldVm.level("s0:c1,c2"), identity)))
                .isEqualTo("gives it the VM's own label, and the label from before back at the end");
    }

    @ParameterizedTest
    @ValueSource(strings = {"s0:c5", "s0:c1,c2,c3", "s0-s0:c0.c1023"})
    void a_label_of_any_category_is_not_for_every_vm(String level) {
        assertThat(libvirt(labelled("system_u:object_r:svirt_image_t:" + level, UseAccess.READ_WRITE)))
                .contains("the label from before back");
    }

    @ParameterizedTest
    @CsvSource({
        "svirt_image_t, READ_WRITE, a label that every VM may write",
        "virt_content_t, READ_ONLY, the label that every VM may read"
    })
    void a_label_without_categories_is_for_every_vm(String type, UseAccess access, String words) {
        assertThat(libvirt(labelled("system_u:object_r:" + type + ":s0", access)))
                .isEqualTo("gives it " + words + ", and leaves that there at the end");
    }
}
