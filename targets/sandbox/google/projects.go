package google

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/iam/apiv1/iampb"
	"cloud.google.com/go/resourcemanager/apiv3/resourcemanagerpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"gatehouse/targets/sandbox"
)

// projects answers for Resource Manager's projects.
type projects struct {
	*Google
	resourcemanagerpb.UnimplementedProjectsServer
}

func (s *projects) GetProject(ctx context.Context, req *resourcemanagerpb.GetProjectRequest) (*resourcemanagerpb.Project, error) {
	n, err := parseParent(req.GetName())
	if err != nil {
		return nil, err
	}
	var out *resourcemanagerpb.Project
	err = s.store.View(func(v *sandbox.View) error {
		at, err := s.allow(ctx, v, "resourcemanager.projects.get", n)
		if err != nil {
			return err
		}
		record, _ := v.Get(at.key)
		out = &resourcemanagerpb.Project{
			Name:        "projects/" + at.in.Number,
			ProjectId:   at.in.ID,
			State:       resourcemanagerpb.Project_ACTIVE,
			DisplayName: at.in.ID,
			CreateTime:  timestamppb.New(time.Unix(at.in.Made, 0)),
			Etag:        fmt.Sprintf(`W/"%x"`, record.Modified),
		}
		return nil
	})
	return out, err
}

func (s *projects) GetIamPolicy(ctx context.Context, req *iampb.GetIamPolicyRequest) (*iampb.Policy, error) {
	return s.getPolicy(ctx, req, kindProject, "resourcemanager.projects.getIamPolicy")
}

func (s *projects) SetIamPolicy(ctx context.Context, req *iampb.SetIamPolicyRequest) (*iampb.Policy, error) {
	return s.setPolicy(ctx, req, kindProject, "resourcemanager.projects.setIamPolicy")
}

func (s *projects) TestIamPermissions(ctx context.Context, req *iampb.TestIamPermissionsRequest) (*iampb.TestIamPermissionsResponse, error) {
	return s.test(ctx, req, kindProject)
}
