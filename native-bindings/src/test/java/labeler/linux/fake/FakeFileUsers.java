package labeler.linux.fake;

import labeler.linux.FileUser;
import labeler.linux.FileUsers;
import labeler.linux.LinuxException;

/** The users as which threads of the code under test access the fake kernel's files. */
final class FakeFileUsers implements FileUsers {
    private final FakeKernel kernel;

    FakeFileUsers(FakeKernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public <T> T as(FileUser user, Work<T> work) throws LinuxException {
        kernel.faults.check("setfsuid", user.toString(), false);
        FileUser before = kernel.user.get();
        kernel.user.set(user);
        try {
            return work.run();
        } finally {
            kernel.user.set(before);
        }
    }
}
