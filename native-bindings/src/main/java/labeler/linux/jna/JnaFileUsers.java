package labeler.linux.jna;

import labeler.linux.Errno;
import labeler.linux.FileUser;
import labeler.linux.FileUsers;
import labeler.linux.LinuxException;

/** Works by setfsuid(2), which the C library applies only to the calling thread, unlike setuid(2). */
final class JnaFileUsers implements FileUsers {
    /** No user: the call changes nothing, and returns the current user. */
    private static final int ASK = -1;

    @Override
    public <T> T as(FileUser user, Work<T> work) throws LinuxException {
        int gid = LibC.setfsgid(user.gid());
        int uid = LibC.setfsuid(user.uid());
        try {
            // The calls themselves report no failure.
            if (LibC.setfsuid(ASK) != user.uid() || LibC.setfsgid(ASK) != user.gid()) {
                throw new LinuxException("setfsuid", user.toString(), Errno.EPERM.code());
            }
            return work.run();
        } finally {
            LibC.setfsuid(uid);
            LibC.setfsgid(gid);
        }
    }
}
