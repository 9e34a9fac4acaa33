package labeler.adoption;

import static org.assertj.core.api.Assertions.assertThat;

import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

class DefinedDomainsTest {
    @Test
    void a_name_that_no_vm_can_have_is_told_and_not_passed_over() {
        DefinedDomains.Names names = DefinedDomains.Names.parse("web1\n\nwéb 2\nzero\u200bwidth\n" + "x".repeat(5000));

        assertThat(names.domains()).containsExactly(new VmName("web1"), new VmName("wéb 2"));
        assertThat(names.strange()).hasSize(2).first().isEqualTo("zero\u200bwidth");
    }
}
